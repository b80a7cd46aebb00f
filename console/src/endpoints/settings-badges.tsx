import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { shortTime } from "../labels/time";
import type { Endpoint } from "./condition";

/** Shows the settings that differ from the defaults. */
export function SettingsBadges({ settings }: { settings: Endpoint["settings"] }) {
  const { paused, pausedUntil, maxPerSecond, processNames, changed, where, onBacklog } = settings;
  const conditions = Object.values(where).flat().length;
  const badges = [
    ...(paused ? [pausedUntil ? `Paused until ${shortTime(pausedUntil)}` : "Paused"] : []),
    ...(maxPerSecond === null ? [] : [`${maxPerSecond}/s`]),
    ...(onBacklog === "latest" ? ["Latest only"] : []),
    ...counted(processNames.length, "process", "processes"),
    ...counted(changed.length, "changed attribute", "changed attributes"),
    ...counted(conditions, "condition", "conditions"),
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

const counted = (count: number, one: string, several: string) =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : several}`];
