/** One entry of the ESP32 partition table (ESP-IDF, "Partition Tables"). */
export interface PartitionEntry {
  label: string;
  type: number;
  subtype: number;
  offset: number;
  size: number;
  /** 1 encrypted, 2 read-only. */
  flags?: number;
}
