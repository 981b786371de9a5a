package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CellPaceTest {
  private static final Cell SMALL = new Cell(new Tile(0, 0, 100, 100), new SampleRange(0, 1));
  private static final Cell LARGE = new Cell(new Tile(0, 0, 100, 100), new SampleRange(0, 1000));

  private final SessionDeadlines deadlines = SessionDeadlines.DEFAULT;
  private final CellPace pace = new CellPace(deadlines);

  @Test
  void theFirstCellHasTheLongestDeadline() {
    assertThat(pace.limitFor(SMALL)).isEqualTo(deadlines.firstCell());
  }

  @Test
  void laterCellsHaveAMultipleOfWhatTheSlowestSuggests() {
    pace.record(SMALL, Duration.ofSeconds(2));
    pace.record(SMALL, Duration.ofSeconds(1));

    assertThat(pace.limitFor(SMALL)).isEqualTo(deadlines.shortestCell());
    assertThat(pace.limitFor(LARGE)).isEqualTo(Duration.ofSeconds(30L * (2 + 2 * 1000)));
  }

  @Test
  void anotherSceneBeginsAnew() {
    pace.record(SMALL, Duration.ofSeconds(1));

    pace.reset();

    assertThat(pace.limitFor(SMALL)).isEqualTo(deadlines.firstCell());
  }
}
