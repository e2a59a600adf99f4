"""Delivery under fire: the real server against fake vendors, killed again and again; and hostile calls."""
