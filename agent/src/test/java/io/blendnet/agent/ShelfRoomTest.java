package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.protocol.WorkReport.DeliveryInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a worker waits for room. */
class ShelfRoomTest {
  private static final LeaseKey LEASE = new LeaseKey("farm", 1);
  private static final long PLENTY = 1L << 40;
  private static final long SCARCE = 5L << 20;

  @TempDir Path folder;
  private final AtomicLong disk = new AtomicLong(PLENTY);
  private final DeliveryPace pace = new DeliveryPace();
  private DeliveryShelf shelf;
  private ShelfRoom room;

  @BeforeEach
  void putUpShelf() throws IOException {
    shelf = new DeliveryShelf(folder.resolve("shelf"), pace);
    room = new ShelfRoom(shelf, pace, Duration.ofSeconds(30), disk::get);
  }

  @Test
  void aCellMayAlwaysBeTriedWhileTheShelfIsEmpty() {
    disk.set(0);
    pace.record(1, Duration.ofDays(1));

    assertThat(room.obstacle(1L << 30, 0)).isEmpty();
    assertThat(room.obstacle(1L << 30, 1)).as("there will soon be something on it").isPresent();
  }

  @Test
  void nobodyWaitsWhileNothingIsKnownOfHowFastResultsLeave() throws Exception {
    add(1_000);

    assertThat(room.obstacle(0, 0)).isEmpty();
  }

  @Test
  void theWorkerWaitsWhileMoreLiesHereThanCouldLeaveInTime() throws Exception {
    pace.record(100, Duration.ofSeconds(10));
    add(200);
    assertThat(room.obstacle(100, 0)).as("30 s").isEmpty();
    assertThat(room.obstacle(110, 0)).as("31 s").contains("Waiting until results are fetched");
    assertThat(room.obstacle(60, 1)).as("32 s with the one that is being finished").isPresent();

    DeliveryInfo second = add(200);
    assertThat(room.obstacle(0, 0)).as("40 s").contains("Waiting until results are fetched");
    shelf.giveUp(second.id());
    assertThat(room.obstacle(0, 0)).isEmpty();
  }

  @Test
  void theWorkerWaitsWhileTheDiskIsNearlyFull() throws Exception {
    add(10);
    disk.set(SCARCE);

    assertThat(room.obstacle(0, 0).orElseThrow()).contains("room on the disk");
    disk.set(500L << 20);
    assertThat(room.obstacle(0, 0)).isEmpty();
    assertThat(room.obstacle(480L << 20, 0)).as("a large cell").isPresent();
  }

  @Test
  void aCellThatFoundNoRoomIsTriedAgainOnlyWhenThereIsMore() throws Exception {
    add(10);
    DeliveryInfo last = add(10);
    disk.set(500L << 20);

    assertThat(room.ranOut()).isTrue();
    assertThat(room.obstacle(0, 0)).isPresent();
    disk.addAndGet(2L << 20);
    assertThat(room.obstacle(0, 0)).isEmpty();
    assertThat(room.ranOut()).isTrue();
    assertThat(room.obstacle(0, 0)).isPresent();
    room.fitted();
    assertThat(room.obstacle(0, 0)).isEmpty();

    shelf.giveUp(last.id());
    assertThat(room.ranOut()).as("one is left").isTrue();
  }

  @Test
  void aCellThatDoesNotFitAtAllIsNotTriedAgain() {
    disk.set(SCARCE);

    assertThat(room.ranOut()).isFalse();
    assertThat(room.shortage()).isPresent();
  }

  @Test
  void theLatestDeliveriesTellMostAboutThePace() {
    for (int i = 0; i < 20; i++) {
      pace.record(100, Duration.ofSeconds(100));
    }
    for (int i = 0; i < 20; i++) {
      pace.record(100, Duration.ofSeconds(1));
    }

    assertThat(pace.timeFor(100).orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
  }

  private DeliveryInfo add(int bytes) throws IOException {
    Path file = shelf.newFile(".exr");
    Files.write(file, new byte[bytes]);
    return shelf.add(LEASE, file);
  }
}
