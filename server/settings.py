"""Every setting of a server, read once by whoever starts it; nothing here is read at import.

Environment variables are the names in capitals with the prefix ``LIANGPAI_`` (``LIANGPAI_DATABASE_URL``).
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CLOCK_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"


class Settings(BaseSettings):
    """The settings; each field's description is its line in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="LIANGPAI_", extra="ignore")

    directory: Path = Field(Path("district"), description="The folder of the embedded default: database and blobs.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the directory.")
    database_pool: int = Field(10, ge=1, le=200, description="Connections that one process keeps to PostgreSQL.")
    timezone: str = Field("Asia/Shanghai", description="Decides on which day and in which quarter a visit falls.")
    language: str = Field("zh", pattern="^(zh|en)$", description="The language where a reader states none.")
    public_url: str = Field("", description="The address that phones use; empty means the address of the request.")
    secure_cookies: bool = Field(False, description="Send session cookies over https only (set it behind https).")
    session_hours: int = Field(12, ge=1, le=720, description="Hours until a sign-in expires.")
    basic_over_http: bool = Field(True, description="Accept Basic passwords without https (never on the open net).")
    max_xml_bytes: int = Field(5_000_000, ge=10_000, description="Largest submission XML.")
    max_attachment_bytes: int = Field(50_000_000, ge=10_000, description="Largest single attachment.")
    max_request_bytes: int = Field(100_000_000, ge=100_000, description="Largest POST; Collect is told so.")
    max_attachments: int = Field(400, ge=1, description="Most attachments of one submission.")
    attachment_types: str = Field(
        "jpg jpeg png gif webp heic mp4 3gp mov webm m4a amr mp3 wav ogg aac csv pdf docx xlsx txt geojson",
        description="File name endings that an attachment may have, separated by blanks.",
    )
    max_workbook_bytes: int = Field(10_000_000, ge=10_000, description="Largest uploaded workbook.")
    collector_photo_pixels: int = Field(
        1280, ge=320, le=8000, description="Long side to which the web collector shrinks photos, in pixels."
    )
    collector_radius_metres: int = Field(
        500, ge=20, le=100_000, description="Farther than this from the school the web collector warns."
    )
    collector_accuracy_metres: int = Field(
        50, ge=1, le=1000, description="The web collector waits for a position this accurate, in metres."
    )
    group_commit: int = Field(32, ge=1, le=1000, description="Most submissions that share one commit.")
    score_interval: float = Field(1.0, gt=0, le=5, description="Seconds between two looks for changed units.")
    smtp_host: str = Field("", description="The mail server; empty means that nothing is sent by mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="The mail server's port.")
    smtp_security: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="Encryption towards the mail server: starttls, tls or none (then without a password).",
    )
    smtp_user: str = Field("", description="The account at the mail server; empty means no sign-in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="The account's password; shown nowhere.")
    smtp_from: str = Field("", description="The sender's address of every mail.")
    smtp_ca_file: str = Field("", description="Certificates that vouch for the mail server; empty means the system's.")
    webhook_hosts: str = Field(
        "qyapi.weixin.qq.com oapi.dingtalk.com",
        description="Hosts to which robots may post over https, separated by blanks; no other is ever asked.",
    )
    webhook_loopback: bool = Field(False, description="Let robots post over http to this machine (for tests only).")
    quiet_from: str = Field("21:30", pattern=CLOCK_TIME, description="From then on nothing leaves but what is urgent.")
    quiet_to: str = Field("07:30", pattern=CLOCK_TIME, description="Until then nothing leaves but what is urgent.")
    digest_at: str = Field("08:00", pattern=CLOCK_TIME, description="When each day's digest is put together.")
    jobs: bool = Field(True, description="Run the jobs inside this process (the embedded default).")

    @property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.directory / 'liangpai.sqlite3'}"

    @property
    def blobs(self) -> Path:
        """The folder of content-addressed files."""
        return self.directory / "blobs"
