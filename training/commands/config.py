"""``firstline config``: the policy file and the environment."""

from __future__ import annotations

import typer

from training.commands.options import ConfigOption, console

app = typer.Typer(help="Check the policy file.", no_args_is_help=True)


@app.command("check")
def check_command(config: ConfigOption = None) -> None:
    """Report what is wrong with support.yaml and the environment, a line each; exit code 2 if anything is."""
    from data.articles import load_articles
    from data.taxonomy import load_taxonomy
    from serving.settings import check, default_config_path

    path = config or default_config_path()
    topics = {topic.name for topic in load_taxonomy().topics}
    problems = check(path, {article.id for article in load_articles()}, topics)
    for problem in problems:
        typer.echo(f"{path}: {problem}", err=True)
    if problems:
        raise typer.Exit(2)
    console.print(f"{path} is right")
