"""The settings of a desk: support.yaml and the environment, read once, checked, frozen.

Only `serving.settings.load` reads the environment.
"""

from serving.settings.load import check, default_config_path, load_settings, parse_settings
from serving.settings.problems import Problem
from serving.settings.settings import Settings

__all__ = ["Problem", "Settings", "check", "default_config_path", "load_settings", "parse_settings"]
