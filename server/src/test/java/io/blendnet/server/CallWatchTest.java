package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.protocol.ErrorCode;
import io.blendnet.security.Credentials;
import io.blendnet.security.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60) // as a guard against hanging
class CallWatchTest {
  @TempDir private Path folder;
  private final TestingWork work = new TestingWork();
  private final CallWatch watch =
      new CallWatch(
          route -> !route.path().equals("resources"), Set.of(ErrorCode.DELIVERY_NOT_FOUND));
  private TestingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new TestingServer(folder, watch.over(work));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aCallIsHeardOnce() throws Exception {
    assertThat(watch.hasHeard()).as("before any call").isFalse();

    assertThat(server.curl().call("work/report").status()).isEqualTo(200);

    assertThat(watch.hasHeard()).isTrue();
    assertThat(watch.hasHeard()).isFalse();
  }

  @Test
  void aCallIsHeardForAsLongAsItLasts() throws Exception {
    var slow = new FutureTask<>(() -> server.curl().call("slow"));
    Thread.startVirtualThread(slow);
    work.slowBegan.await();

    assertThat(watch.hasHeard()).isTrue();
    assertThat(watch.hasHeard()).isTrue();

    work.slowMayEnd.countDown();
    assertThat(slow.get().json().path("data").path("stored").intValue())
        .isEqualTo(TestingWork.THE_END);
    assertThat(watch.hasHeard()).as("its end").isTrue();
    assertThat(watch.hasHeard()).isFalse();
  }

  @Test
  void whoeverIsRefusedForABadRequestIsHeard() throws Exception {
    var refused =
        server
            .curl()
            .call(
                "work/lease/1", "-X", "PUT", "-H", "Content-Type: application/json", "--data", "{");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(watch.hasHeard()).isTrue();
  }

  @Test
  void whoDoesNotMatterIsNotHeard() throws Exception {
    assertThat(server.curl().call("work/delivery/none").status()).isEqualTo(404);
    assertThat(server.curl().call("resources").status()).isEqualTo(200);
    assertThat(server.curl().call("info").status()).isEqualTo(200);
    var stranger = server.curl().with(new Credentials("user", Secret.of("wrong")));
    assertThat(stranger.call("work/report").status()).isEqualTo(401);

    assertThat(watch.hasHeard()).isFalse();
  }
}
