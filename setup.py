"""Build the package, for pip and for colcon (ament_python) alike."""

from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

NODES = {
    "action_decoder": "helms_control.nodes.action_decoder:ActionDecoderNode",
    "demonstrator": "helms_sim.nodes.demonstrator:DemonstratorNode",
    "episode_manager": "helms_control.nodes.episode_manager:EpisodeManagerNode",
    "flat_policy": "helms_control.nodes.flat_policy:FlatPolicyNode",
    "latent_policy": "helms_control.nodes.latent_policy:LatentPolicyNode",
    "probe": "helms_control.nodes.probe:ProbeNode",
    "recorder": "helms_control.nodes.recorder:RecorderNode",
    "relay": "helms_control.nodes.relay:RelayNode",
    "sawyer_driver": "helms_control.nodes.sawyer_driver:SawyerDriverNode",
    "simulation": "helms_sim.nodes.simulation:SimulationNode",
    "skill_selector": "helms_control.nodes.skill_selector:SkillSelectorNode",
    "teleop": "helms_control.nodes.teleop:TeleopNode",
    "viewer": "helms_sim.nodes.viewer:ViewerNode",
}

# `ros2 run` and `ros2 launch` look in lib/helms, where pip puts no scripts. The interpreter of the same prefix is taken
# where there is one (a virtual environment), otherwise that of the path (a distribution's ROS 2).
EXECUTABLE = """#!/bin/sh
prefix=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
python="$prefix/bin/python"
[ -x "$python" ] && unset _ROS_WHEELS_BOOTSTRAP_COMPLETE || python=python3
exec "$python" -m helms_control.nodes {name} "$@"
"""


def executables() -> list[str]:
    """Write one executable for each node and return their paths."""
    folder = Path("build/nodes")
    folder.mkdir(parents=True, exist_ok=True)
    for name in NODES:
        (folder / name).write_text(EXECUTABLE.format(name=name))
        (folder / name).chmod(0o755)
    return [str(folder / name) for name in NODES]


setup(
    name="helms",
    version="0.1.0",
    description="Three-level skill policies for a Sawyer arm that stacks objects",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["helms_control*", "helms_sim*", "helms_learning*"]),
    package_data={
        "": ["py.typed", "*.xml"],
        "helms_control": ["hardware/messages/*/*.msg", "hardware/messages/*/*.srv", "hardware/sawyer/*.json.gz"],
        "helms_learning": ["presets/*.yaml", "report/*.css"],
    },
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/helms"]),
        ("share/helms", ["package.xml"]),
        ("share/helms/launch", glob("launch/*.launch.py")),
        ("lib/helms", executables()),
    ],
    install_requires=["array-api-compat", "click", "numpy", "scipy", "transforms3d"],
    extras_require={
        "hardware": ["pymodbus", "pyserial"],
        "ros": ["mcap>=1.6", "onnxruntime", "PyYAML", "rosbags"],
        "learning": ["h5py", "matplotlib", "onnxscript", "safetensors", "tensorboard", "torch"],
        "sim": ["gymnasium", "imageio", "imageio-ffmpeg", "mjviser", "mujoco>=4.0", "pillow", "tqdm"],
    },
    entry_points={
        "console_scripts": ["helms = helms_control.cli:main"],
        "helms.nodes": [f"{name} = {where}" for name, where in NODES.items()],
        "helms.commands": [
            "bag.check = helms_control.commands.bag:check_command",
            "bag.info = helms_control.commands.bag:info_command",
            "bag.play = helms_control.commands.bag:play_command",
            "bag.video = helms_sim.commands.video:command",
            "ablate = helms_learning.commands.ablate:command",
            "bench.driver = helms_sim.commands.bench_driver:command",
            "bench.graph = helms_control.commands.bench_graph:command",
            "bench.offline = helms_learning.commands.bench_offline:command",
            "bench.policy = helms_control.commands.bench_policy:command",
            "calibrate.frame = helms_control.commands.calibrate:frame_command",
            "calibrate.gripper = helms_control.commands.calibrate:gripper_command",
            "calibrate.height = helms_control.commands.calibrate:height_command",
            "deploy = helms_control.commands.deploy:command",
            "dataset.build = helms_learning.commands.dataset:build",
            "dataset.collect = helms_learning.commands.dataset:collect_command",
            "dataset.info = helms_learning.commands.dataset:info",
            "dataset.merge = helms_learning.commands.dataset:merge_command",
            "dataset.split = helms_learning.commands.dataset:split_command",
            "emulate.sawyer = helms_sim.commands.emulate:command",
            "export = helms_learning.commands.export:command",
            "report = helms_learning.commands.report:command",
            "train.offline = helms_learning.commands.train:offline",
            "record = helms_control.commands.record:command",
            "rollout = helms_sim.commands.rollout:command",
            "eval = helms_sim.commands.evaluate:command",
            "demo = helms_sim.commands.demo:command",
            "bench.soak = helms_control.commands.bench_graph:soak_command",
            "bench.sim = helms_sim.commands.bench:command",
        ],
    },
)
