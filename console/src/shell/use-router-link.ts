import { useCallback } from "react";
import { useNavigate } from "react-router";

/**
 * Returns an `onFollow` handler for Cloudscape links that navigates within the app. New tabs are left to the browser.
 */
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
