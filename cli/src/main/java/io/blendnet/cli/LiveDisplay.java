package io.blendnet.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A block of lines at the bottom of a terminal that is drawn anew in place. */
final class LiveDisplay implements ProgressDisplay {
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";
  private static final String CLEAR_TO_END = "\u001b[0J";
  private static final String CLEAR_LINE = "\u001b[K";

  /**
   * A terminal's size.
   *
   * @param width in places for a letter
   * @param height in lines
   */
  record Size(int width, int height) {}

  private final Consumer<String> terminal;
  private final Supplier<Size> size;
  private final ProgressText text;
  private List<String> drawn = List.of();
  private boolean closed;

  /**
   * Draws on a terminal.
   *
   * @param terminal takes what is written, and brings it to the screen at once
   */
  LiveDisplay(Consumer<String> terminal, Supplier<Size> size, ProgressText text) {
    this.terminal = terminal;
    this.size = size;
    this.text = text;
  }

  @Override
  public synchronized void say(String sentence) {
    terminal.accept(toTop() + CLEAR_TO_END + sentence + "\n" + lines(drawn));
  }

  @Override
  public synchronized void show(Sending sending) {
    Size room = size.get();
    draw(List.of(Colour.cut(text.bar(sending), room.width())));
  }

  @Override
  public synchronized void show(Progress progress) {
    Size room = size.get();
    draw(text.block(progress, room.width(), room.height() - 1));
  }

  private void draw(List<String> block) {
    if (closed) {
      return;
    }
    // One write for a whole picture, and nothing cleared that is overwritten at once: no flicker.
    terminal.accept(HIDE_CURSOR + toTop() + lines(block) + CLEAR_TO_END);
    drawn = block;
  }

  private String toTop() {
    return drawn.isEmpty() ? "" : "\u001b[" + drawn.size() + "A\r";
  }

  private static String lines(List<String> block) {
    var text = new StringBuilder();
    for (String line : block) {
      text.append(line).append(CLEAR_LINE).append('\n');
    }
    return text.toString();
  }

  /** The last picture stays. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      drawn = List.of();
      terminal.accept(SHOW_CURSOR);
    }
  }
}
