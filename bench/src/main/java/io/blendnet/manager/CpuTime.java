package io.blendnet.manager;

import java.lang.management.ManagementFactory;

/** How long the calling thread had a core: other programs on the machine do not make it more. */
final class CpuTime {
  private CpuTime() {}

  static double seconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }
}
