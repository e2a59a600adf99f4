"""Answers about a procedure, from its record alone: one small function an aspect."""

from bot.dialogue.answers.writer import AnswerWriter

__all__ = ["AnswerWriter"]
