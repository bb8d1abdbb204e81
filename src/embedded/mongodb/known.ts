import { CommandError, unsupported } from './errors.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What MongoDB 8 has and this server doesn't carry, so that a refusal never claims more than is true. */
const known = {
  filter: words(`
    $mod $where $text $jsonSchema $geoIntersects $geoWithin $near $nearSphere $box $center $centerSphere
    $geometry $maxDistance $minDistance $polygon $bitsAllClear $bitsAllSet $bitsAnyClear $bitsAnySet $rand
    $sampleRate $alwaysTrue $alwaysFalse $natural $slice $meta
  `),
  update: words('$bit'),
  stage: words(`
    $addFields $bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $currentOp $densify
    $documents $fill $geoNear $graphLookup $indexStats $listLocalSessions $listSampledQueries $listSearchIndexes
    $listSessions $lookup $merge $out $planCacheStats $querySettings $queryStats $redact $replaceRoot
    $replaceWith $sample $search $searchMeta $set $setWindowFields $shardedDataDistribution $sortByCount
    $unionWith $unset $vectorSearch
  `),
  accumulator: words(`
    $accumulator $bottom $bottomN $covariancePop $covarianceSamp $firstN $lastN $maxN $median $mergeObjects $minN
    $percentile $stdDevPop $stdDevSamp $top $topN
  `),
  expression: words(`
    $abs $accumulator $acos $acosh $addToSet $allElementsTrue $anyElementTrue $arrayElemAt $arrayToObject $asin
    $asinh $atan $atan2 $atanh $avg $binarySize $bitAnd $bitNot $bitOr $bitXor $bsonSize $ceil $cmp $concat
    $concatArrays $convert $cos $cosh $dateAdd $dateDiff $dateFromParts $dateFromString $dateSubtract
    $dateToParts $dateToString $dateTrunc $dayOfMonth $dayOfWeek $dayOfYear $degreesToRadians $divide $exp
    $filter $first $firstN $floor $function $getField $hour $in $indexOfArray $indexOfBytes $indexOfCP
    $isArray $isNumber $isoDayOfWeek $isoWeek $isoWeekYear $last $lastN $let $ln $log $log10 $ltrim $map $max
    $maxN $median $mergeObjects $meta $millisecond $min $minN $minute $mod $month $objectToArray $percentile
    $pow $radiansToDegrees $rand $range $reduce $regexFind $regexFindAll $regexMatch $replaceAll $replaceOne
    $reverseArray $round $rtrim $sampleRate $second $setDifference $setEquals $setField $setIntersection
    $setIsSubset $setUnion $sin $sinh $slice $sortArray $split $sqrt $stdDevPop $stdDevSamp $strLenBytes
    $strLenCP $strcasecmp $substr $substrBytes $substrCP $sum $switch $tan $tanh $toBool $toDate $toDecimal
    $toDouble $toHashedIndexKey $toInt $toLong $toLower $toObjectId $toString $toUUID $toUpper $trim $trunc
    $tsIncrement $tsSecond $type $unsetField $week $year $zip
  `),
  variable: words(
    '$$NOW $$CLUSTER_TIME $$REMOVE $$DESCEND $$PRUNE $$KEEP $$SEARCH_META $$USER_ROLES',
  ),
  indexOption: words(`
    collation weights default_language language_override textIndexVersion 2dsphereIndexVersion bits min max
    bucketSize wildcardProjection columnstoreProjection storageEngine prepareUnique dropDups clustered
  `),
} as const;

/** MongoDB's words, and its code, for what it doesn't know either. */
const strangers: Readonly<
  Record<keyof typeof known, readonly [code: number, text: (name: string) => string]>
> = {
  filter: [2, (name) => `unknown operator: ${name}`],
  update: [
    9,
    (name) =>
      `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
  ],
  stage: [40324, (name) => `Unrecognized pipeline stage name: '${name}'`],
  accumulator: [15952, (name) => `unknown group operator '${name}'`],
  expression: [168, (name) => `Unrecognized expression '${name}'`],
  variable: [17276, (name) => `Use of undefined variable: ${name.slice(2)}`],
  indexOption: [197, (name) => `The field '${name}' is not valid for an index specification`],
};

/** The refusal of something by its name: as not carried here where MongoDB has it, as unknown where it hasn't. */
export function refusal(kind: keyof typeof known, name: string): CommandError {
  if (known[kind].has(name)) {
    return kind === 'stage'
      ? unsupported(`Unrecognized pipeline stage name: '${name}', which`, 40324)
      : unsupported(`the ${kind === 'indexOption' ? 'index option' : kind} '${name}'`);
  }
  const [code, text] = strangers[kind];
  return new CommandError(code, text(name));
}
