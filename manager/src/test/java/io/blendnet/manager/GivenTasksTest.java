package io.blendnet.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.domain.TaskName;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an agent may speak of. */
class GivenTasksTest {
  private final GivenTasks given = new GivenTasks();

  @Test
  void anAgentSpeaksOfItsOwnTasksAlone() {
    given.add(new TaskName("its own"));

    assertThat(given.find("its own")).contains(new TaskName("its own"));
    assertThat(given.find("another")).isEmpty();
    assertThat(given.find("../no task at all")).isEmpty();
  }

  @Test
  void onlyTheLatestAreRemembered() {
    for (int i = 0; i <= GivenTasks.MOST; i++) {
      given.add(new TaskName("task " + i));
    }

    assertThat(given.find("task 0")).isEmpty();
    assertThat(given.find("task 1")).isPresent();
  }

  @Test
  void aTaskTakesSoManyLinesOfAnAgentAndSaysWhenItTakesNoMore() {
    TaskName chatty = new TaskName("chatty");
    given.add(chatty);
    List<String> all = Collections.nCopies(GivenTasks.MOST_LINES - 1, "line");

    assertThat(given.admit(chatty, all)).isEqualTo(all);
    assertThat(given.admit(chatty, List.of("last", "too much")))
        .containsExactly(
            "last", "This agent has said 10,000 lines of this task; its further ones are left out");
    assertThat(given.admit(chatty, List.of("more"))).isEmpty();
  }

  @Test
  void furtherWorkOfATaskBringsNoFurtherLines() {
    TaskName chatty = new TaskName("chatty");
    given.add(chatty);
    var _ = given.admit(chatty, Collections.nCopies(GivenTasks.MOST_LINES + 1, "line"));

    given.add(chatty);

    assertThat(given.admit(chatty, List.of("more"))).isEmpty();
  }
}
