package io.blendnet.manager;

import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.StoreChange;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * Which farm this is, and which start of its Manager.
 *
 * @param id made once, kept in the store
 * @param epoch one more with every start; an agent obeys the highest that it has seen
 * @param start random: tells this start from that of another Manager on a copy of the data folder
 */
record FarmIdentity(String id, long epoch, String start) {
  private static final String ID_KEY = "farm-id";
  private static final String EPOCH_KEY = "epoch";

  /** Begins the next epoch. */
  static FarmIdentity begin(FarmStore store) throws IOException {
    String id = store.meta(ID_KEY).orElseGet(() -> UUID.randomUUID().toString());
    long epoch = store.meta(EPOCH_KEY).map(Long::parseLong).orElse(0L) + 1;
    store.commit(
        List.of(
            new StoreChange.PutMeta(ID_KEY, id),
            new StoreChange.PutMeta(EPOCH_KEY, Long.toString(epoch))));
    return new FarmIdentity(id, epoch, UUID.randomUUID().toString());
  }

  /** As agents are told. */
  ManagerIdentity manager() {
    return new ManagerIdentity(id, epoch, start);
  }
}
