import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { shortTime } from "../labels/time";
import type { Endpoint } from "./condition";

/** Shows the settings that differ from the defaults. */
export function SettingsBadges({ settings }: { settings: Endpoint["settings"] }) {
  const { paused, pausedUntil, maxPerSecond, processNames } = settings;
  const processes = processNames.length === 1 ? "1 process" : `${processNames.length} processes`;
  const badges = [
    ...(paused ? [pausedUntil ? `Paused until ${shortTime(pausedUntil)}` : "Paused"] : []),
    ...(maxPerSecond === null ? [] : [`${maxPerSecond}/s`]),
    ...(processNames.length === 0 ? [] : [processes]),
  ];
  if (badges.length === 0) {
    return <Box color="text-status-inactive">–</Box>;
  }
  return (
    <SpaceBetween direction="horizontal" size="xxs">
      {badges.map((text) => (
        <Badge key={text}>{text}</Badge>
      ))}
    </SpaceBetween>
  );
}
