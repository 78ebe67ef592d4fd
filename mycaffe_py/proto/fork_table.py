"""Layers and fields that forks of Caffe have and neither Caffe nor MyCaffe has.

Taken from the forks' public schemas. Whatever is built here leaves the table: a test holds it
against the schema and the layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Fork:
    """One fork: its name, its repository, and the words it added, with blanks between.

    `params` are fields of a layer, `fields` those of other messages; `values` are enum words.
    """

    name: str
    repository: str
    layers: str = ""
    params: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    values: str = ""


FORKS = (
    Fork(
        "SSD",
        "weiliu89/caffe",
        layers="DetectionEvaluate MultiBoxLoss AnnotatedData VideoData",
        params="detection_evaluate_param multibox_loss_param video_data_param",
        fields={"SolverParameter": "plateau_winsize"},
    ),
    Fork("PriorBoxClustered", "Intel's Open Model Zoo", layers="NormalizeBBox"),
    Fork(
        "R-FCN",
        "Microsoft/caffe",
        layers="BoxAnnotatorOHEM SmoothL1LossOHEM SoftmaxWithLossOHEM",
        params="box_annotator_ohem_param mil_data_param mil_param",
        fields={"LossParameter": "pre_fixed_normalizer"},
        values="PRE_FIXED",
    ),
    Fork(
        "PSPNet",
        "hszhao/PSPNet",
        fields={
            "BatchNormParameter": "update_global_stats",
        },
    ),
    Fork(
        "DeepLab",
        "xmyqsh/deeplab-v2",
        layers="AdaptiveBiasChannel BiasChannel DenseCRF DomainTransform "
        "DomainTransformForwardOnly MatRead SegAccuracy SpatialProduct "
        "UniqueLabel",
        params="adaptive_bias_channel_param bias_channel_param dense_crf_param "
        "domain_transform_param mat_read_param seg_accuracy_param softmaxloss_param "
        "unique_label_param strict_dim",
        fields={"ImageDataParameter": "max_labels"},
    ),
    Fork(
        "ENet",
        "TimoSaemann/ENet",
        fields={"DenseImageDataParameter": "multi_scale root_folder_image root_folder_label"},
    ),
    Fork(
        "NVCaffe",
        "NVIDIA/caffe",
        layers="DetectNetTransformation TRT",
        params="forward_type backward_type forward_math backward_math cudnn_math_override debug "
        "detectnet_groundtruth_param detectnet_augmentation_param trt_param",
        fields={
            "NetParameter": "default_forward_type default_backward_type default_forward_math "
            "default_backward_math default_conv_algos_override default_cudnn_math_override "
            "eltwise_mem_sharing global_grad_scale global_grad_scale_adaptive reduce_buckets",
            "SolverParameter": "larc larc_policy larc_eta larc_turbo max_momentum "
            "max_weight_decay min_lr momentum_policy momentum_power rampup_interval rampup_lr "
            "solver_data_type store_blobs_in_old_format test_and_snapshot_last_epochs "
            "weight_decay_policy weight_decay_power",
            "ConvolutionParameter": "conv_algos_override cudnn_convolution_algo_seeker",
            "DataParameter": "cache shuffle threads parser_threads precache",
            "DropoutParameter": "engine random_seed",
            "ELUParameter": "lambda",
            "ImageDataParameter": "cache dataset_share_per_node precache short_side threads",
            "LossParameter": "label_smoothing",
            "TransformationParameter": "allow_upscale forward_packing horizontal_stretch_lower "
            "horizontal_stretch_upper img_rand_resize_lower img_rand_resize_upper "
            "interpolation_algo_down interpolation_algo_up num_labels rand_resize_ratio_lower "
            "rand_resize_ratio_upper use_gpu_transform vertical_stretch_lower "
            "vertical_stretch_upper",
        },
    ),
    Fork(
        "Intel",
        "intel/caffe",
        layers="MKLBatchNorm MnActivation BoxData EvalDetection SpatialDropout RegionLoss",
        params="engine quantization_param mn_activation_param mn_grad_compress_param multinode "
        "split_param spatial_dropout_param eval_detection_param region_loss_param",
        fields={
            "NetParameter": "engine bn_stats_batch_size compile_net_state multinode",
            "SolverParameter": "engine disabled_update local_gw_ratio local_lr_auto test_offset "
            "stageiter stagelr",
            "BatchNormParameter": "bias_term filler relu stats_batch_size use_weight_bias",
            "ConcatParameter": "engine per_fla_fuse",
            "ConvolutionParameter": "coeff conv_algorithm fusion_type negative_slope relu",
            "DataParameter": "shuffle side",
            "EltwiseParameter": "engine",
            "FillerParameter": "scale",
            "ImageDataParameter": "min_height min_width",
            "InnerProductParameter": "engine negative_slope relu",
            "LossParameter": "label_smoothing pre_fixed_normalizer",
            "PoolingParameter": "avg_include_pad axis kernel_size_3d pad_3d stride_3d",
            "ReLUParameter": "fuse",
            "ReshapeParameter": "pixelshuffler",
            "TransformationParameter": "bgr2rgb flow pad random_aspect_ratio_param "
            "random_resize_param",
        },
        values="MKL2017 MKLDNN",
    ),
    Fork(
        "TSN",
        "yjxiong/caffe",
        layers="SyncBN Gather Scatter SegData BatchReduction",
        params="batch_reduction_param seg_data_param",
        fields={
            "NetParameter": "mem_param",
            "SolverParameter": "group_id richness",
            "ConvolutionParameter": "dilation_h dilation_w",
            "DataParameter": "shuffle",
            "ReductionParameter": "k",
            "TransformationParameter": "fix_crop is_flow max_distort more_fix_crop multi_scale "
            "original_image scale_ratios stride upper_height upper_size upper_width",
        },
    ),
    Fork(
        "happynear",
        "happynear/caffe-windows",
        layers="LargeMarginInnerProduct Noise Flip FocalLoss "
        "Insanity Local Resize SubRegion Transformer InnerDistance Pairwise NCALoss "
        "LabelSpecificAdd BatchContrastiveLoss GeneralContrastiveLoss GeneralTripletLoss "
        "SoftContrastiveLoss ChannelScale Truncation SoftTruncation",
        params="largemargin_inner_product_param noise_param flip_param focal_loss_param "
        "insanity_param local_param resize_param sub_region_param inner_distance_param "
        "pairwise_param nca_param batch_contrastive_loss_param general_contrastive_loss_param "
        "general_triplet_loss_param soft_contrastive_loss_param channel_scale_param "
        "truncation_param soft_truncation_param smoothl1_param",
        fields={"ConvolutionParameter": "shape_offset", "InnerProductParameter": "normalize"},
    ),
    Fork(
        "MobileNet-YOLO",
        "eric612/MobileNet-YOLO",
        layers="RegionLoss Yolov3 YoloSeg GaussianYolov3 SegmentationEvaluate AssistedExcitation "
        "LaneData",
        params="region_loss_param yolov3_param yolo_seg_param segmentation_evaluate_param",
        fields={
            "AnnotatedDataParameter": "yolo_data_type yolo_data_jitter train_diffcult single_class "
            "seg_scales seg_resize_width seg_resize_height difficult_label_warmup",
        },
    ),
    Fork(
        "FlowNet2",
        "lmb-freiburg/flownet2",
        layers="BlackAugmentation CustomData FLOWriter FloatReader FloatWriter FlowAugmentation "
        "GenerateAugmentationParameters ImgReader ImgWriter L1Loss LpqLoss Mean NegReLU "
        "PFMWriter",
        params="black_augmentation_param coeff_schedule_param l1_loss_param lpq_loss_param "
        "mean_param reader_param reshape_every_iter writer_param",
        fields={
            "AugmentationParameter": "bottomwidth bottomheight num chromatic_eigvec mirror "
            "translate rotate zoom "
            "squeeze translate_x translate_y gamma brightness contrast color lmult_pow "
            "lmult_mult lmult_add sat_pow sat_mult sat_add col_pow col_mult col_add "
            "ladd_pow ladd_mult ladd_add col_rotate fog_amount fog_size motion_blur_angle "
            "motion_blur_size shadow_angle shadow_distance shadow_strength noise",
        },
    ),
    Fork(
        "RMPE (AlphaPose)",
        "MVIG-SJTU/RMPE",
        layers="SpatialTransformer EltwiseAffine DataHeatmap EuclideanLossHeatmap AccuracyHeatmap "
        "PredictionHeatmap",
        params="st_param eltwise_affine_param heatmap_data_param accuracy_heatmap_param "
        "prediction_heatmap_param visualise visualise_channel",
        fields={"ReshapeParameter": "use_blob_size"},
    ),
    Fork(
        "caffe_ocr",
        "senlinuc/caffe_ocr",
        layers="WarpCTCLoss CTCLoss DenseBlock SoftmaxWithLossMultiLabel",
        params="ctc_loss_param denseblock_param",
    ),
    Fork(
        "ApolloCaffe",
        "Russell91/apollocaffe",
        layers="CapSequence HungarianLoss MatData NumpyData Py Wordvec",
        params="hungarian_loss_param py_param rp wordvec_param lstm_unit_param",
        fields={"InnerProductParameter": "output_4d", "SolverParameter": "stepearly"},
    ),
    Fork("HED", "s9xie/hed", layers="ImageLabelmapData"),
)
