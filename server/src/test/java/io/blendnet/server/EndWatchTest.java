package io.blendnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EndWatchTest {
  @Test
  void itLooksUntilThereIsAReasonWhateverTheJudgeThrows() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    CompletableFuture<String> reason = new CompletableFuture<>();

    try (EndWatch watch =
        EndWatch.start(
            () ->
                switch (looks.incrementAndGet()) {
                  case 1 -> throw new IllegalStateException("a judge with a bug");
                  case 2 -> Optional.empty();
                  default -> Optional.of("Reason " + looks);
                },
            reason::complete)) {
      assertThat(watch).isNotNull();
      assertThat(reason.get(30, TimeUnit.SECONDS)).isEqualTo("Reason 3");
    }
  }
}
