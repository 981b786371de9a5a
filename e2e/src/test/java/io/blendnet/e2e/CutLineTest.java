package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.bench.FaultyLine;
import io.blendnet.domain.TaskName;
import io.blendnet.manager.ManagerOptions;
import io.blendnet.manager.ManagerServer;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.SentFiles;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file on its way to a Manager over a line that is cut again and again. {@code bench/transfer}
 * does it with 4 GB.
 */
class CutLineTest {
  private static final String ADDRESS = "127.0.0.1";
  private static final long SEED = Long.getLong("blendnet.cuts.seed", 4);
  private static final int CUTS = 50;
  private static final int SIZE = 64_000_000;

  /**
   * What stands in the server's buffers when a connection is reset: some 250 KB were measured.
   * Whatever begins anew after a cut sends a whole stretch between two cuts again, 1 MB and more.
   */
  private static final long IN_FLIGHT = 600_000;

  @TempDir private Path folder;
  private final Credentials user = Credentials.generate("tester");
  private FarmAuthority authority;
  private ManagerServer server;
  private FaultyLine line;

  @BeforeEach
  void start() throws IOException {
    authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    server =
        ManagerServer.start(
            ManagerOptions.standard(
                ADDRESS,
                authority.issue("manager", List.of(ADDRESS)),
                authority.trusted(),
                user,
                folder.resolve("manager"),
                "test"),
            new LogBuffer());
    line = FaultyLine.to(server.port());
  }

  @AfterEach
  void stop() throws IOException {
    line.close();
    server.close();
  }

  private ManagerClient client() {
    return new ManagerClient(
        ClientOptions.of(
            new ServerAddress(ADDRESS, line.port()),
            authority.trusted().clientContext(),
            user.user(),
            () -> user.password().reveal()));
  }

  @Test
  void aFileArrivesRightAndNothingOfItTwiceButWhatWasInFlight() throws Exception {
    var random = new Random(SEED);
    byte[] content = new byte[SIZE];
    random.nextBytes(content);
    OfferedFile file = OfferedFile.read(Files.write(folder.resolve("cache.abc"), content));
    try (ManagerClient client = client()) {
      var sending = new FutureTask<>(() -> client.sendFiles(List.of(file), TransferProgress.NONE));
      Thread.startVirtualThread(sending);
      int cuts = cut(random, sending);
      SentFiles sent = sending.get();

      assertThat(cuts).as("cuts of seed %d", SEED).isEqualTo(CUTS);
      assertThat(line.passed() - SIZE)
          .as("bytes that came twice, and those of TLS and HTTP, with seed %d", SEED)
          .isLessThan(CUTS * IN_FLIGHT);
      assertThat(sent.files()).isEqualTo(1);
      // The Manager takes a content under its name alone.
      client.attachFiles(new TaskName("t"), Map.of("//cache.abc", file.blob()));
      assertThat(client.sendFiles(List.of(file), TransferProgress.NONE).bytes()).isZero();
    }
  }

  /** The last ones leave something to be sent behind them. */
  private int cut(Random random, FutureTask<?> sending) throws InterruptedException {
    int cuts = 0;
    while (cuts < CUTS && !sending.isDone()) {
      line.resetAfter(random.nextLong(2 * SIZE / (CUTS + 10)));
      while (!line.isReset() && !sending.isDone()) {
        Thread.sleep(1);
      }
      cuts += line.isReset() ? 1 : 0;
    }
    return cuts;
  }
}
