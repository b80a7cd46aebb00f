//! Chooses the page of an address. Each view has its own, which shows the view's frame before the program is loaded;
//! every other address has the general page.

use crate::files::{self, File};

/// Stands for an ID in the names of pages.
const ANY: &str = "any";

/// Returns the page at a path. With a sign-in, users see a frame only while they are signed in.
pub(crate) fn find(files: &'static [File], path: &str, has_sign_in: bool) -> Option<&'static File> {
    let folder = if has_sign_in { "sign-in" } else { "open" };
    let of = |name: &str| files::find(files, &format!("/pages/{folder}/{name}.html"));
    let segments: Vec<_> = path.split('/').collect();
    let own = match *segments {
        ["", "workspaces"] => of("workspaces"),
        ["", "workspaces", "", ..] => None,
        ["", "workspaces", _] => of("workspace"),
        ["", "workspaces", _, view] => of(&format!("workspace/{view}")),
        ["", "workspaces", _, view, below] => {
            of(&format!("workspace/{view}/{below}")).or_else(|| of(&format!("workspace/{view}/{ANY}")))
        }
        _ => None,
    };
    own.or_else(|| files::find(files, "/index.html"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::SITE;

    fn found(path: &str, has_sign_in: bool) -> &'static str {
        find(SITE, path, has_sign_in).unwrap().path
    }

    #[test]
    fn each_view_has_its_page() {
        for (path, page) in [
            ("/workspaces", "/pages/open/workspaces.html"),
            ("/workspaces/acme", "/pages/open/workspace.html"),
            ("/workspaces/acme/audit", "/pages/open/workspace/audit.html"),
            ("/workspaces/acme/endpoints/01", "/pages/open/workspace/endpoints/any.html"),
            ("/workspaces/acme/callbacks/edit", "/pages/open/workspace/callbacks/edit.html"),
        ] {
            assert_eq!(found(path, false), page, "{path}");
        }
    }

    #[test]
    fn a_page_with_a_sign_in_is_another_one() {
        assert_eq!(found("/workspaces/acme", true), "/pages/sign-in/workspace.html");
        assert_eq!(found("/workspaces/acme/audit", true), "/index.html");
    }

    #[test]
    fn every_other_address_has_the_general_page() {
        for path in [
            "/",
            "/workspaces/",
            "/workspaces//audit",
            "/workspaces/acme/",
            "/workspaces/acme/nowhere",
            "/workspaces/acme/audit/",
            "/workspaces/acme/audit/01",
            "/workspaces/acme/callbacks/01",
            "/workspaces/acme/endpoints/01/attempts",
            "/workspaces/acme/../../workspaces",
            "/pages/open/workspace/audit.html",
        ] {
            assert_eq!(found(path, false), "/index.html", "{path}");
        }
    }
}
