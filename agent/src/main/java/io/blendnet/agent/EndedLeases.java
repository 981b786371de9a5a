package io.blendnet.agent;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the latest leases that have ended gave back: a Manager whose question got lost asks again.
 * Thread-safe.
 */
final class EndedLeases {
  private static final int REMEMBERED = 10_000;

  private record Ended(int attempt, Set<Integer> givenBack) {}

  private final Map<LeaseKey, Ended> leases =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<LeaseKey, Ended> eldest) {
          return size() > REMEMBERED;
        }
      };

  synchronized void add(TakenLease lease) {
    leases.put(lease.key(), new Ended(lease.order().attempt(), lease.givenBack()));
  }

  /** The cells that a lease gave back; absent where it is not known. */
  synchronized Optional<Set<Integer>> find(LeaseKey lease, int attempt) {
    return Optional.ofNullable(leases.get(lease))
        .filter(ended -> ended.attempt() == attempt)
        .map(Ended::givenBack);
  }
}
