import { usePage } from "../shell/page";

export default function TryIt() {
  usePage("TryIt", null);
  return null;
}
