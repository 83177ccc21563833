"""Borrows the checklist of the phones' tests."""

from tests.server.openrosa.conftest import Phone, phone

__all__ = ["Phone", "phone"]
