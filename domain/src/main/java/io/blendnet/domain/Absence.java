package io.blendnet.domain;

/** How an agent went away, and with it what becomes of its leases. */
public enum Absence {
  /**
   * It does not answer: its network is cut, its machine is asleep. It may come back with its
   * leases, which live on for a while.
   */
  SILENT,
  /**
   * Nothing listens where it was: its process is gone as far as anybody can tell. Its leases lapse
   * at once; should it come back all the same, what it finished is adopted where it is still open.
   */
  LOST,
  /** The user took it out, or it was given back. It does not come back. */
  REMOVED
}
