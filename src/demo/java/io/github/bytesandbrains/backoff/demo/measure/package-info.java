/** What is counted in a run, and whether the table's answers were right. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.measure;

import org.jspecify.annotations.NullMarked;
