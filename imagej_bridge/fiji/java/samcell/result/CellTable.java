package samcell.result;

import ij.measure.ResultsTable;
import ij.plugin.filter.Analyzer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samcell.engine.Json;
import samcell.engine.NumberArray;
import samcell.engine.Reply;

/** The engine's measures of cells. */
public final class CellTable {
    private static final String PREFIX = "cells.";

    private final Map<String, NumberArray> columns = new LinkedHashMap<>();

    public CellTable(Reply reply) {
        for (Object column : reply.list("columns")) {
            String name = (String) Json.object(column).get("name");
            columns.put(name, reply.array(PREFIX + name));
        }
    }

    public double get(String column, int cell) {
        return columns.get(column).get(0, cell);
    }

    /** Adds a row for each cell to the Results table, which macros ask with getResult. */
    public void addTo(String image, boolean clear) {
        ResultsTable table = clear ? new ResultsTable() : ResultsTable.getResultsTable();
        table.setNaNEmptyCells(true);
        List<String> names = new ArrayList<>(columns.keySet());
        int count = names.isEmpty() ? 0 : columns.get(names.get(0)).planeSize();
        for (int cell = 0; cell < count; cell++) {
            table.incrementCounter();
            table.addLabel(image);
            for (String name : names) {
                table.addValue(name, get(name, cell));
            }
        }
        Analyzer.setResultsTable(table);
        table.show("Results");
    }
}
