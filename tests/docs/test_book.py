"""How the documents are laid out for mdBook."""

from book import REPOSITORY, chapters, relinked, summary_at_root


def test_links_within_the_book_stay_and_others_lead_to_the_repository():
    text = "[a](b.md#c) [d](../src/e.rs) ![f](g.png) [h](https://i.example/) [j](#k)\n```\n[l](../src/e.rs)\n```\n"
    assert relinked("docs/a.md", text, {"docs/b.md", "docs/g.png", "docs/a.md"}) == (
        f"[a](b.md#c) [d]({REPOSITORY}/src/e.rs) ![f](g.png) [h](https://i.example/) [j](#k)\n```\n[l](../src/e.rs)\n```\n"
    )


def test_the_table_of_contents_is_moved_to_the_folder_above_its_own():
    summary = "# Summary\n\n[A](../README.md)\n- [B](b.md)\n  - [C](adr/c.md)\n"
    assert summary_at_root(summary) == "# Summary\n\n[A](README.md)\n- [B](docs/b.md)\n  - [C](docs/adr/c.md)\n"
    assert chapters(summary) == ["README.md", "docs/b.md", "docs/adr/c.md"]
