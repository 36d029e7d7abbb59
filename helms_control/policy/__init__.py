"""Deployed policies: bundles of ONNX files, validated completely on loading."""

from helms_control.policy.bundle import Bundle, load_bundle, load_level
from helms_control.policy.errors import BundleError, PolicyInputError
from helms_control.policy.manifest import FeaturesUsed, Graph, Manifest, read_manifest, write_manifest
from helms_control.policy.runner import FlatPolicy, HighLevel, LowLevel, MidLevel, Perception, Policy, Seen
from helms_control.policy.shipped import require_policy, shipped_policy

__all__ = [
    "Bundle",
    "BundleError",
    "FeaturesUsed",
    "FlatPolicy",
    "Graph",
    "HighLevel",
    "LowLevel",
    "Manifest",
    "MidLevel",
    "Perception",
    "Policy",
    "PolicyInputError",
    "Seen",
    "load_bundle",
    "load_level",
    "read_manifest",
    "require_policy",
    "shipped_policy",
    "write_manifest",
]
