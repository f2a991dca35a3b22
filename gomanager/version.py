"""The version, as a constant: asking the installed metadata costs 36 ms."""

VERSION = "0.1.0"
