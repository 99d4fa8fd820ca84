"""What tests on Spark need, and a session for few rows."""

import shutil

import pytest

from tradeline.engines.spark.needed import PACKAGES

needs_pyspark = pytest.mark.skipif(not PACKAGES.exists(), reason="no PySpark: make test installs it")
needs_java = pytest.mark.skipif(shutil.which("java") is None, reason="no Java: apt install openjdk-17-jre-headless")

# Statements over a few rows take most of their time to be planned and compiled, in Java's bytecode too.
FOR_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
