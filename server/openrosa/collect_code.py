"""The QR code that sets up ODK Collect; made by the services, so that pages can show it too."""

from server.services.collect_code import collect_code, collect_png, collect_settings, collect_svg

__all__ = ["collect_code", "collect_png", "collect_settings", "collect_svg"]
