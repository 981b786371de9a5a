package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Frames of HTTP/2, in pieces as the network cuts them. */
class FrameGuardTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  private final AtomicLong now = new AtomicLong();
  private final FrameGuard guard = new FrameGuard(now::get);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  FrameGuardTest() {
    sent.writeBytes(new byte[24]);
  }

  private void frame(int type, int length) {
    sent.writeBytes(
        new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length, (byte) type});
    sent.writeBytes(new byte[5 + length]);
  }

  private void send(int pieces) {
    byte[] all = sent.toByteArray();
    sent.reset();
    for (int at = 0; at < all.length; at += pieces) {
      byte[] piece = new byte[Math.min(pieces, all.length - at)];
      System.arraycopy(all, at, piece, 0, piece.length);
      guard.look(piece);
    }
  }

  @Test
  void anUploadPassesInPiecesOfAnySize() {
    for (int pieces : new int[] {1, 7, 9, 16_393, 100_000}) {
      frame(HEADERS, 300);
      for (int i = 0; i < 200; i++) {
        frame(DATA, 16_384);
        frame(WINDOW_UPDATE, 4);
      }
      assertThatCode(() -> send(pieces)).doesNotThrowAnyException();
    }
  }

  @Test
  void aDownloadWithItsManyWindowUpdatesPasses() {
    for (int i = 0; i < 100_000; i++) {
      frame(WINDOW_UPDATE, 4);
    }
    assertThatCode(() -> send(16_384)).doesNotThrowAnyException();
  }

  @Test
  void headersInSeveralFramesPass() {
    for (int request = 0; request < 50; request++) {
      frame(HEADERS, 16_384);
      frame(CONTINUATION, 16_384);
    }
    assertThatCode(() -> send(10_000)).doesNotThrowAnyException();
  }

  @Test
  void emptyContinuationsWithoutEndAreEnded() {
    frame(HEADERS, 10);
    for (int i = 0; i <= FrameGuard.CONTINUATIONS; i++) {
      frame(CONTINUATION, 0);
    }
    assertThatThrownBy(() -> send(5)).isInstanceOf(CloseConnectionException.class);
  }

  @Test
  void aFloodOfSettingsAndPingsIsEnded() {
    for (int i = 0; i <= FrameGuard.BURST; i++) {
      frame(i % 2 == 0 ? SETTINGS : PING, 8);
    }
    assertThatThrownBy(() -> send(4_096)).isInstanceOf(CloseConnectionException.class);
  }

  @Test
  void aPingNowAndThenPassesForDays() {
    for (int i = 0; i < 100_000; i++) {
      frame(PING, 8);
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      send(100);
    }
    assertThatCode(() -> send(100)).doesNotThrowAnyException();
  }
}
