"""Every number and header of the synchronisation, in one place."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ConfigDict, Field, field_validator

PORTAL_URL = "https://dichvucong.gov.vn"
LIST_PATH = "/api/v1/submitting/formality/list-all-public-formality-by-citizen"
DETAIL_PATH = "/api/v1/configuring/formality/get-formality-by-citizen"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_PAGE = 200  # the portal refuses a larger page (reference/portal.md)

# The portal's firewall answers only what looks like the portal's own page (reference/portal.md).
BROWSER_HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip",
    "Accept-Language": "vi-VN,vi;q=0.9,en;q=0.8",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36"
    ),
}


class PortalSettings(BaseModel):
    """How the portal is asked. Times are seconds unless the name says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default=PORTAL_URL, pattern=r"^https?://[^/\s]+$")
    page_size: int = Field(default=MAX_PAGE, ge=1, le=MAX_PAGE)
    requests_per_second: float = Field(default=1.0, gt=0, le=1000)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    read_timeout_s: float = Field(default=30.0, gt=0)
    request_limit_s: float = Field(default=120.0, gt=0)  # the whole answer: a drip never ends by itself
    max_body_bytes: int = Field(default=5_000_000, gt=0)  # the largest detail seen is below 0.2 MB
    max_redirects: int = Field(default=3, ge=0)
    attempts: int = Field(default=5, ge=1)
    broken_attempts: int = Field(default=2, ge=1)  # a malformed answer seldom heals; a firewall's page may
    first_wait_s: float = Field(default=1.0, ge=0)
    longest_wait_s: float = Field(default=60.0, ge=0)
    longest_retry_after_s: float = Field(default=300.0, ge=0)  # asked to wait longer, the sync stops instead
    use_system_proxy: bool = True  # HTTPS_PROXY, SSL_CERT_FILE … of the environment
    refresh_days: int = Field(default=30, ge=0)  # the list tells no date: older details are asked for again
    give_up_after: int = Field(default=10, ge=1)  # failures in a row that stop a sync
    most_gone: int = Field(default=50, ge=0)  # more at once than this and than the share: doubted, not marked
    most_gone_share: float = Field(default=0.1, ge=0, le=1)

    @field_validator("base_url")
    @classmethod
    def _private(cls, url: str) -> str:
        if url.startswith("http://") and httpx.URL(url).host not in _LOOPBACK:
            raise ValueError(f"{url} is not encrypted: only this machine may be asked without https")
        return url.rstrip("/")
