"""Deployed policies: bundles of three ONNX files, validated completely on loading."""

from helms_control.policy.bundle import Bundle, load_bundle
from helms_control.policy.errors import BundleError, PolicyInputError
from helms_control.policy.levels import HighLevel, LowLevel, MidLevel, Policy
from helms_control.policy.manifest import Manifest, read_manifest, write_manifest
from helms_control.policy.shipped import require_policy, shipped_policy

__all__ = [
    "Bundle",
    "BundleError",
    "HighLevel",
    "LowLevel",
    "Manifest",
    "MidLevel",
    "Policy",
    "PolicyInputError",
    "load_bundle",
    "read_manifest",
    "require_policy",
    "shipped_policy",
    "write_manifest",
]
