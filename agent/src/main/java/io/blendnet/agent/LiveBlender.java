package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.BlenderSession;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionSettings;
import java.io.Closeable;
import java.util.function.Consumer;

/** A running Blender whose output goes to whoever uses it now. */
final class LiveBlender implements Closeable {
  private static final class Relay implements Consumer<BlenderLine> {
    private volatile Consumer<BlenderLine> listener = _ -> {};

    @Override
    public void accept(BlenderLine line) {
      listener.accept(line);
    }
  }

  private final BlenderSession session;
  private final Relay output;

  private LiveBlender(BlenderSession session, Relay output) {
    this.session = session;
    this.output = output;
  }

  static LiveBlender start(BlenderInstallation blender, SessionSettings settings)
      throws SessionException {
    Relay output = new Relay();
    return new LiveBlender(BlenderSession.start(blender, settings, output), output);
  }

  /** Sends Blender's lines elsewhere from now on. */
  void listen(Consumer<BlenderLine> listener) {
    output.listener = listener;
  }

  BlenderSession session() {
    return session;
  }

  @Override
  public void close() {
    session.close();
  }
}
