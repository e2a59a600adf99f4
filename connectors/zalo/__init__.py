"""Zalo: the Bot Platform (`bot_api`, `bot_channel`) and the Official Account (`oa_api`, `oa_channel`).

Built on the project's reference page of Zalo. What that page marks as unconfirmed stands in one small
function each, whose docstring says "unverified against the live service".
"""
