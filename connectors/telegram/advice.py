"""Telegram's words about a webhook, and what an operator does about them."""

from __future__ import annotations

_SLOW = "the server does not answer in time: check the firewall and the reverse proxy"
_UNKNOWN_HOST = "Telegram does not find the host: check the name and its DNS record"

# Words of a refused setWebhook, lower case, the first that fits.
_REFUSED = {
    "https url must be provided": "the address must begin with https://; without a certificate use polling",
    "can be set up only on ports": "Telegram delivers to the ports 443, 80, 88 and 8443 only",
    "failed to resolve host": _UNKNOWN_HOST,
    "ip address is reserved": "the host is inside your own network: give a public address, or use polling",
    "invalid webhook url": "this is no address: check it letter by letter",
}
# Words of a delivery that failed, as getWebhookInfo tells them.
_DELIVERY = {
    "401": "the server refuses the secret: run troly connect telegram with the secret that the server has",
    "certificate": "Telegram does not trust the certificate: give its whole chain, and see when it expires",
    "ssl": "Telegram cannot speak TLS with the server: check the reverse proxy and its certificate",
    "refused": "nothing listens at the address: start the server, open the port in the firewall",
    "timed out": _SLOW,
    "timeout": _SLOW,
    "resolve": _UNKNOWN_HOST,
    "404": "the address leads to another page: check its path",
    "50": "the reverse proxy answers but the server behind it does not: start the server",
}


def on_refusal(said: str) -> str:
    """Return what to do about a webhook address that Telegram refuses with the words `said`."""
    return _advice(_REFUSED, said)


def on_delivery(said: str) -> str:
    """Return what to do where Telegram's last delivery failed with the words `said`."""
    return _advice(_DELIVERY, said)


def _advice(table: dict[str, str], said: str) -> str:
    found = next((advice for words, advice in table.items() if words in said.lower()), None)
    return f"{found} (Telegram: {said})" if found else f"Telegram says: {said}"
