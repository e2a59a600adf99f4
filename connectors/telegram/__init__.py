"""The Telegram channel. Importing it loads python-telegram-bot: do so only where the channel is set up."""
