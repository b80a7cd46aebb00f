import { useCallback } from "react";
import { useNavigate } from "react-router";

/** For `onFollow` of Cloudscape's links: stays in the page, and leaves new tabs to the browser. */
export function useRouterLink() {
  const navigate = useNavigate();
  return useCallback(
    (event: CustomEvent<{ href?: string; external?: boolean }>) => {
      const { href, external } = event.detail;
      if (href?.startsWith("/") && !external) {
        event.preventDefault();
        navigate(href);
      }
    },
    [navigate],
  );
}
