package io.blendnet.agent;

import io.blendnet.protocol.LeaseOrder;

/** A lease's number is unique on its farm; the agent's own tasks are a farm of their own. */
record LeaseKey(String farm, long lease) {
  static LeaseKey of(LeaseOrder order) {
    return new LeaseKey(order.farm(), order.lease());
  }
}
