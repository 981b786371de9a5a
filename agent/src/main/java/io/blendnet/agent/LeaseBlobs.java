package io.blendnet.agent;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.WorkStep;
import java.util.LinkedHashSet;
import java.util.Set;

/** The blobs that a lease needs. */
final class LeaseBlobs {
  private LeaseBlobs() {}

  /**
   * @throws IllegalArgumentException a sum is none
   */
  static Set<BlobId> of(LeaseOrder order) {
    Set<BlobId> blobs = new LinkedHashSet<>();
    order.scene().files().values().forEach(sum -> blobs.add(new BlobId(sum)));
    blobs.addAll(framesOf(order));
    return blobs;
  }

  /** The assembled frames among them. */
  static Set<BlobId> framesOf(LeaseOrder order) {
    Set<BlobId> frames = new LinkedHashSet<>();
    for (WorkStep step : order.steps()) {
      if (step instanceof WorkStep.Compose compose) {
        frames.add(new BlobId(compose.frameBlob()));
      }
    }
    return frames;
  }
}
