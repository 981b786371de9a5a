/**
 * Tiles, sample ranges, cells, ledger, leases, task states and scheduling decisions. Pure: no I/O,
 * clock, threads or JSON.
 */
@NullMarked
package io.blendnet.domain;

import org.jspecify.annotations.NullMarked;
