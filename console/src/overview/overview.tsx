import { usePage } from "../shell/page";

export default function Overview() {
  usePage("Overview", null);
  return null;
}
