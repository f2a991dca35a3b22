"""The integers that stand for words in the store; they are for ever, new ones go to the end."""

from gomanager.results import Outcome, PackageOutcome, Purpose, Verdict

OUTCOMES = (Outcome.PASS, Outcome.FAIL, Outcome.SKIP, Outcome.NOT_RUN, Outcome.UNKNOWN)
PURPOSES = (Purpose.FIRST, Purpose.RERUN, Purpose.STRESS, Purpose.SEARCH)
PACKAGE_OUTCOMES = (
    PackageOutcome.PASS,
    PackageOutcome.FAIL,
    PackageOutcome.EMPTY,
    PackageOutcome.BUILD,
    PackageOutcome.VET,
    PackageOutcome.SETUP,
    PackageOutcome.DIED,
    PackageOutcome.LATE,
    PackageOutcome.HOLLOW,
    PackageOutcome.MASKED,
    PackageOutcome.MISSING,
)
VERDICTS = (
    Verdict.GREEN,
    Verdict.RED,
    Verdict.NOTHING,
    Verdict.ERROR,
    Verdict.INTERRUPTED,
    Verdict.NOT_RUN,
)
SOURCES = ("run", "recovered", "merged", "imported")

OUTCOME_CODE = {word: code for code, word in enumerate(OUTCOMES)}
PURPOSE_CODE = {word: code for code, word in enumerate(PURPOSES)}
PACKAGE_CODE = {word: code for code, word in enumerate(PACKAGE_OUTCOMES)}
VERDICT_CODE = {word: code for code, word in enumerate(VERDICTS)}
SOURCE_CODE = {word: code for code, word in enumerate(SOURCES)}
