package io.blendnet.agent;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.BlenderLine;
import io.blendnet.blender.BlenderSession;
import io.blendnet.blender.Sandbox;
import io.blendnet.blender.SessionDeadlines;
import io.blendnet.blender.SessionException;
import io.blendnet.blender.SessionFailure;
import io.blendnet.blender.SessionSettings;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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

  private final BlenderRoom room;
  private final BlenderSession session;
  private final Relay output;

  private LiveBlender(BlenderRoom room, BlenderSession session, Relay output) {
    this.room = room;
    this.session = session;
    this.output = output;
  }

  /**
   * Starts one.
   *
   * @param rooms a private folder
   * @param sandbox to put it in
   * @param threads to render with
   */
  static LiveBlender start(
      BlenderInstallation blender,
      Path rooms,
      Optional<Sandbox> sandbox,
      ScenePolicy policy,
      int threads,
      SessionDeadlines deadlines)
      throws SessionException {
    BlenderRoom room;
    try {
      room = BlenderRoom.create(rooms, sandbox);
    } catch (IOException e) {
      throw SessionException.of(
          SessionFailure.MACHINE, "There is no room for a Blender in %s: %s".formatted(rooms, e));
    }
    try {
      Relay output = new Relay();
      SessionSettings settings =
          new SessionSettings(room.session(), threads, deadlines, room.confinement(policy));
      return new LiveBlender(room, BlenderSession.start(blender, settings, output), output);
    } catch (SessionException | RuntimeException e) {
      room.close();
      throw e;
    }
  }

  /** Sends Blender's lines elsewhere from now on. */
  void listen(Consumer<BlenderLine> listener) {
    output.listener = listener;
  }

  BlenderSession session() {
    return session;
  }

  /** What it sees of the agent's data, if it is in a sandbox. */
  BlenderRoom room() {
    return room;
  }

  @Override
  public void close() {
    session.close();
    room.close();
  }
}
