use serde_json::{Value, json};

use super::calendar::Step;
use super::format::Language;
use super::sentiment::{SentimentByTheme, Tally, Tone};
use super::shares::Shares;
use super::svg::clean;
use super::time::OverTime;

/// The version that notebooks of today draw.
const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v5.json";

const COLOURS: [&str; 3] = ["#b5432c", "#6f7379", "#1f7391"];

impl Shares {
    /// The chart of [`super::shares()`] as a Vega-Lite specification with its data inside: all codes.
    pub fn vega_lite(&self, language: Language) -> Value {
        let words = language.words();
        let number = |value: f64| if value.is_finite() { json!(value.clamp(0.0, 1.0)) } else { Value::Null };
        let rows = self.rows.iter().map(|row| {
            let [corrected, low, high] = row.corrected.map_or([Value::Null, Value::Null, Value::Null], |corrected| {
                [corrected.share, corrected.low, corrected.high].map(number)
            });
            let label = clean(&row.label);
            json!({"code": label, "n": row.n, "share": row.share.map(number), "corrected": corrected, "low": low, "high": high})
        });
        let rows: Vec<Value> = rows.collect();
        let share = |field: &str| json!({"field": field, "type": "quantitative", "title": words.share, "axis": {"format": "%"}});
        json!({
            "$schema": SCHEMA,
            "title": self.figure.title_or(&words.shares_title),
            "data": {"values": rows},
            "encoding": {"y": {"field": "code", "type": "nominal", "sort": "-x", "title": null}},
            "layer": [
                {"mark": {"type": "bar", "color": "#a9c6dc"}, "encoding": {"x": share("share"), "tooltip": [
                    {"field": "code"}, {"field": "n"}, {"field": "share", "format": ".1%"}, {"field": "corrected", "format": ".1%"},
                ]}},
                {"mark": {"type": "rule", "color": "#14496f"}, "encoding": {"x": share("low"), "x2": {"field": "high"}}},
                {"mark": {"type": "point", "filled": true, "size": 60, "color": "#14496f"}, "encoding": {"x": share("corrected")}},
            ],
        })
    }
}

impl SentimentByTheme {
    /// The chart of [`super::sentiment_by_theme()`] as a Vega-Lite specification with its data inside: all themes.
    pub fn vega_lite(&self, language: Language) -> Value {
        let words = language.words();
        let all = std::iter::once((words.all_comments.as_str(), &self.all));
        let themes = all.chain(self.rows.iter().map(|row| (row.label.as_str(), &row.tally)));
        let rows: Vec<Value> = themes
            .flat_map(|(theme, tally)| {
                tones(tally, language)
                    .map(|(at, tone, n)| json!({"theme": clean(theme), "at": at, "sentiment": tone, "n": n}))
            })
            .collect();
        json!({
            "$schema": SCHEMA,
            "title": self.figure.title_or(&words.sentiment_title),
            "data": {"values": rows},
            "mark": "bar",
            "encoding": {
                "y": {"field": "theme", "type": "nominal", "sort": null, "title": null},
                "x": {"field": "n", "type": "quantitative", "stack": "normalize", "title": null, "axis": {"format": "%"}},
                "color": colour(language),
                "order": {"field": "at", "type": "quantitative"},
                "tooltip": [{"field": "theme"}, {"field": "sentiment"}, {"field": "n"}],
            },
        })
    }
}

impl OverTime {
    /// The chart of [`super::over_time()`] as a Vega-Lite specification with its data inside, in the bins as they are given.
    pub fn vega_lite(&self, language: Language) -> Value {
        let words = language.words();
        let rows = self.bins.iter().flat_map(|bin| {
            let start = self.step.floor(bin.start).strftime("%Y-%m-%dT%H:%M:%S").to_string();
            tones(&bin.tally, language)
                .map(move |(at, tone, n)| json!({"start": start, "at": at, "sentiment": tone, "n": n}))
        });
        let rows: Vec<Value> = rows.collect();
        let unit = match self.step {
            Step::Hour => "yearmonthdatehours",
            Step::Day | Step::Week => "yearmonthdate",
            Step::Month => "yearmonth",
            Step::Year => "year",
        };
        json!({
            "$schema": SCHEMA,
            "title": self.figure.title_or(&words.time_title),
            "width": 640,
            "data": {"values": rows},
            "mark": "bar",
            "encoding": {
                "x": {"field": "start", "type": "temporal", "timeUnit": unit, "title": null},
                "y": {"field": "n", "type": "quantitative", "title": words.comments},
                "color": colour(language),
                "order": {"field": "at", "type": "quantitative"},
                "tooltip": [{"field": "start", "type": "temporal"}, {"field": "sentiment"}, {"field": "n"}],
            },
        })
    }
}

fn tones(tally: &Tally, language: Language) -> [(u8, &'static str, u64); 3] {
    Tone::ALL.map(|tone| (tone as u8 + 1, language.words().tone(tone), tally.of(tone)))
}

fn colour(language: Language) -> Value {
    let names = Tone::ALL.map(|tone| language.words().tone(tone));
    json!({"field": "sentiment", "type": "nominal", "title": null, "scale": {"domain": names, "range": COLOURS}})
}
