"""ROS 1 client (XML-RPC and TCPROS) for processes without rospy.

Source: https://wiki.ros.org/ROS/Master_API, ROS/Slave_API, ROS/TCPROS and ROS/Connection%20Header.
"""
