"""ROS 1's own wire protocol (XML-RPC and TCPROS), for a process that cannot hold rospy.

Source: https://wiki.ros.org/ROS/Master_API, ROS/Slave_API, ROS/TCPROS and ROS/Connection%20Header.
"""
