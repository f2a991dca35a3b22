"""Shell completion: click's shells, and PowerShell, which click does not know."""

from typing import ClassVar

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

PROGRAM = "gomanager"
VARIABLE = "_GOMANAGER_COMPLETE"


@add_completion_class
class PowerShellComplete(ShellComplete):
    """One line a word: type, word and help, with tabs between them."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_CWORD = $wordToComplete
    %(prog_name)s | ForEach-Object {
        $kind, $word, $help = $_ -split "`t", 3
        if (-not $help) { $help = $word }
        [System.Management.Automation.CompletionResult]::new(
            $word, $word, "ParameterValue", $help)
    }
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """What stands in front of the word under the cursor, and that word."""
        import os

        words = split_arg_string(os.environ["COMP_WORDS"])[1:]
        incomplete = os.environ["COMP_CWORD"]
        return (words[:-1] if incomplete and words else words), incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """``plain<TAB>scope<TAB>Tell which packages …``"""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


def script(shell: str) -> str:
    """The text that a shell has to run once; ``shell`` is one that click or we know."""
    found = get_completion_class(shell)
    assert found is not None
    complete = found(click.Group(PROGRAM), {}, PROGRAM, VARIABLE)
    # Not complete.source(): for bash that starts bash to ask for its version.
    return (complete.source_template % complete.source_vars()).rstrip("\n")
