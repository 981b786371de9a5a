package io.blendnet.server;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One request's reading of its body, which another thread may break off. Only a thread that is
 * waiting for bytes is interrupted, and what is left of the interrupt is taken back: an interrupt
 * that comes later would close the file that the bytes are written to.
 */
final class UploadRead {
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread reader;
  private long since;
  private boolean interrupted;
  private boolean broken;

  /** Reads as {@link InputStream#read(byte[], int, int)}; fails when broken off. */
  int read(InputStream content, byte[] buffer, int offset, int length) throws IOException {
    enter();
    try {
      return content.read(buffer, offset, length);
    } finally {
      leave();
    }
  }

  /** Ends the read in progress and all later ones. */
  void breakOff() {
    lock.lock();
    try {
      broken = true;
      Thread waiting = reader;
      if (waiting != null && !interrupted) {
        interrupted = true;
        waiting.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean waitsLongerThan(Duration patience) {
    lock.lock();
    try {
      return reader != null && System.nanoTime() - since > patience.toNanos();
    } finally {
      lock.unlock();
    }
  }

  private void enter() throws IOException {
    lock.lock();
    try {
      if (broken) {
        throw new IOException("The connection is gone");
      }
      reader = Thread.currentThread();
      since = System.nanoTime();
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      reader = null;
      if (interrupted) {
        var _ = Thread.interrupted();
        interrupted = false;
      }
    } finally {
      lock.unlock();
    }
  }
}
