package io.blendnet.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import io.blendnet.server.LogBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go. Set up in code and not by a file: it is little, and saves the time of reading
 * XML at each start.
 */
final class Logging {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %message%n%exception";

  private final LoggerContext context;

  private Logging(LoggerContext context) {
    this.context = context;
  }

  /** Nothing is logged until one of the other methods says where to. */
  static Logging begin() {
    var context = (LoggerContext) LoggerFactory.getILoggerFactory();
    var logging = new Logging(context);
    logging.root().detachAndStopAllAppenders();
    logging.root().setLevel(Level.INFO);
    // Libraries speak when something is wrong.
    for (String library : new String[] {"io.helidon", "org.jline"}) {
      context.getLogger(library).setLevel(Level.WARN);
    }
    quietJavaLogging();
    return logging;
  }

  /** Helidon logs by the JDK's own means, greetings included. */
  private static void quietJavaLogging() {
    java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
  }

  /** For servers, whose log is what they say. */
  Logging toStandardError() {
    var console = new ConsoleAppender<ILoggingEvent>();
    console.setTarget("System.err");
    start(console);
    return this;
  }

  /** For commands whose user watches something else. */
  Logging toFile(Path file) {
    var appender = new FileAppender<ILoggingEvent>();
    appender.setFile(file.toString());
    start(appender);
    return this;
  }

  /** For {@code GET log}. */
  LogBuffer toBuffer() {
    var buffer = new LogBuffer();
    var layout = new PatternLayoutEncoder();
    layout.setContext(context);
    layout.setPattern("%-5level %logger{0}: %message%n%exception");
    layout.start();
    add(
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            buffer.add(
                event.getInstant(), new String(layout.encode(event), StandardCharsets.UTF_8));
          }
        });
    return buffer;
  }

  private void start(OutputStreamAppender<ILoggingEvent> appender) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.start();
    appender.setEncoder(encoder);
    add(appender);
  }

  private void add(Appender<ILoggingEvent> appender) {
    appender.setContext(context);
    appender.start();
    root().addAppender(appender);
  }

  private ch.qos.logback.classic.Logger root() {
    return context.getLogger(Logger.ROOT_LOGGER_NAME);
  }
}
