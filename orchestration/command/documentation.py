"""`make docs`: dbt's page of all models, columns and lineage, of the home as it was built last."""

from warehouse.build import project
from warehouse.zones.home import Home


def main() -> None:
    """Write the page and say where it is; what runs meanwhile is waited for, since dbt opens the live file."""
    home = Home.open()
    with home.writing():
        page = project.document(home)
    print(f"Models and lineage: {page}")  # noqa: T201


if __name__ == "__main__":
    main()
