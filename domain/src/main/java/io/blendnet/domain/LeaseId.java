package io.blendnet.domain;

/**
 * Number of a lease, unique on a farm for all time and ascending.
 *
 * @param value from 1
 */
public record LeaseId(long value) implements Comparable<LeaseId> {
  public LeaseId {
    if (value < 1) {
      throw new IllegalArgumentException("Leases are numbered from 1, not " + value);
    }
  }

  @Override
  public int compareTo(LeaseId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
