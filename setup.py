"""Build the package, for pip and for colcon (ament_python) alike."""

from setuptools import find_packages, setup

setup(
    name="helms",
    version="0.1.0",
    description="Three-level skill policies for a Sawyer arm that stacks objects",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["helms_control*", "helms_sim*", "helms_learning*"]),
    package_data={"": ["py.typed", "*.xml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/helms"]),
        ("share/helms", ["package.xml"]),
    ],
    install_requires=["click", "numpy"],
    extras_require={"sim": ["gymnasium", "imageio", "imageio-ffmpeg", "mjviser", "mujoco>=4.0", "pillow", "tqdm"]},
    entry_points={
        "console_scripts": ["helms = helms_control.cli:main"],
        "helms.commands": [
            "rollout = helms_sim.commands.rollout:command",
            "eval = helms_sim.commands.evaluate:command",
            "demo = helms_sim.commands.demo:command",
            "bench.sim = helms_sim.commands.bench:command",
        ],
    },
)
