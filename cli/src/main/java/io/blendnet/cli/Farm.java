package io.blendnet.cli;

import io.blendnet.protocol.ManagerClient;
import java.util.List;
import java.util.Optional;

/** A Manager that takes our tasks. */
interface Farm extends AutoCloseable {
  ManagerClient manager();

  /** Agents to show from the first moment on; a Manager that others use too tells its own. */
  List<String> agents();

  /** Why it will never finish anything more; empty while it may. */
  Optional<String> failure();

  /** Where it is, in words. */
  String description();

  @Override
  void close();
}
